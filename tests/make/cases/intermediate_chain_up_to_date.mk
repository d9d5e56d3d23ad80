#T files: test.o test.y@-10
test: test.o
%.o: %.c
	echo $@
%.c: %.y
	echo $@
