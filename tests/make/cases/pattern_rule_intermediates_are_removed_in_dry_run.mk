#T files: a.y
#T goals: a.o
%.o: %.c
	echo $@ from $<
%.c: %.y
	echo $@ from $<
