#T files: a.c a.s
test: a.o
%.o: %.c
	echo from c
%.o: %.s
	echo from s
%.o: %.c
