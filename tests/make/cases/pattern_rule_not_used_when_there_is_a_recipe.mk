#T files: a.c
test: a.o
a.o: ; echo explicit
%.o: %.c
	echo no
