#T files: a.c
test: a.o
a.o:: x
	echo one $^
%.o: %.c
	echo pattern
x:
