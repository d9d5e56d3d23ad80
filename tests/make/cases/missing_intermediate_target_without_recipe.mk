#T files: test
test: a
	echo test $?
a:
