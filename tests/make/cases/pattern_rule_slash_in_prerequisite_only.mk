#T files: src/a.c
test: a.o
%.o: src/%.c
	echo $@ $< $*
