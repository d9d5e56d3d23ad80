#T files: src/a.c
VPATH = src
test: a.o
%.o: %.c
	echo $@ $< $* $(<D) $(<F)
