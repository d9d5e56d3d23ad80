.DEFAULT:
	echo default for $@ [$<]
test: unknown other/thing
	echo test
