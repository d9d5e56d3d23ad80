#T returncode: 2
test: a | missing
	echo no
a: ; echo a
