#T files: a.c
test: a.o
	echo test
%.o: %.c ;
