#T files: a.y
test: a.o
%.o: %.c
	echo $@ from $<
%.c: %.y
	echo $@ from $<
