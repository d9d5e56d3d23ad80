test: a.o
%.o: %.c
	echo $@ $<
a.c:
