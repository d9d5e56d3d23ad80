#T args: -k
#T returncode: 2
test: a b c
	echo no
a:
	+@false
b: ; @echo b
c: a
	echo no
