#T files: a.c h
.SUFFIXES: .c .o
test: a.o
.c.o: h
	echo no
