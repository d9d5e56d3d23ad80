#T files: test.o@-10 test.y
test: test.o
%.o: %.c
	echo $@ $?
%.c: %.y
	echo $@ $?
