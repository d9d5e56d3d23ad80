test:
	echo a
test::
	echo b
