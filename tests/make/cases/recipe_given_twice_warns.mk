test:
	echo one
test:
	echo two
