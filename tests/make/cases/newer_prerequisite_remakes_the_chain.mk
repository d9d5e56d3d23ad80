#T files: test@-10 b@-20 a
test: b c
	echo test $?
b: a
	echo b $?
c: ;
