#T goals: ./a.o
#T files: a.c
%.o: %.c
	echo $@ $<
