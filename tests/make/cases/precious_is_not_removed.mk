#T files: a.y
#T goals: a.o
.PRECIOUS: %.c
%.o: %.c
	echo $@
%.c: %.y
	echo $@
