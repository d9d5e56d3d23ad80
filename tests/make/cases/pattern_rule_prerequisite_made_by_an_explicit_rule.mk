test: a.o
%.o: %.c
	echo $@ $<
a.c: gen
	echo $@ from $^
gen:
