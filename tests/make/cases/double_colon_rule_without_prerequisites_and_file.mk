#T files: test
test::
	echo always
