#T files: a.c
.SUFFIXES: .c .o
test: a.o
.c.o:
	echo $@ $< $*
