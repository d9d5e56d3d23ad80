#T returncode: 2
test: b missing c
	echo no
b c:
	echo $@
