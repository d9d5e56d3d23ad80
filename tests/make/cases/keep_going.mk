#T args: -k
#T returncode: 2
test: a b c
	echo no
a: missing
	echo no
b:
	echo b
c: a missing2
	echo no
