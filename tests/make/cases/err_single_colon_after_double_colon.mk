test::
	echo a
test: x
x:
