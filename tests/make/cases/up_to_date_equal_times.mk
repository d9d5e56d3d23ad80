#T files: test a
test: a
	echo no
