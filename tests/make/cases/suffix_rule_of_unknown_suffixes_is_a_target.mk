#T returncode: 2
#T files: a.c
test: a.o
.c.o:
	echo no
