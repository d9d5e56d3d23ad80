#T files: a.c b.c
test: a.o b.o
%.o: %.c
	echo $@ $< $*
