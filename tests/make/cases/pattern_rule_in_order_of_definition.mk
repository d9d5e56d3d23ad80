#T files: a.c a.s
test: a.o
%.o: %.s
	echo from s
%.o: %.c
	echo from c
