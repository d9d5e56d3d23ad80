# A prerequisite only another target's rule mentions is good enough.
test: a.o other
%.o: %.c
	echo $@ $<
other: a.c
	echo $@
a.c:
	echo $@
