#T returncode: 2
test:
	+false
	echo not reached
