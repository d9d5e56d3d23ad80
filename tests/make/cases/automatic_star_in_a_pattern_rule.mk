test: d/e/a.x
d/%.x:
	echo [$*] [$(*D)] [$(*F)]
