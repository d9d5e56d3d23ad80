#T files: a.c
test: a.o
%.o: %.s
	echo from s
%.o: %.c
	echo from c
