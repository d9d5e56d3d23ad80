#T args: -q
#T returncode: 1
test:
	echo no
