test: x/a y/z/b c
	echo [$(^D)] [$(^F)] [$(<D)] [$(<F)]
x/a y/z/b c:
