test: a b | c
	echo [$?] [$(?F)]
a b c:
