#T files: a.y
#T goals: a.o
.SECONDARY:
%.o: %.c
	echo $@ from $<
%.c: %.y
	echo $@ from $<
