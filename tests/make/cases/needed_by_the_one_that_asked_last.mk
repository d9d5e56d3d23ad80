#T returncode: 2
.SECONDARY:
test: a.o
%.o: %.c x
	echo $@
x: a.c
	echo $@
a.c: nothing
