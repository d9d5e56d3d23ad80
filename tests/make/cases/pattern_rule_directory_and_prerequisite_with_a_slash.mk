# For a target with a directory and a pattern without, it is put before the prerequisite too.
#T files: d/src/a.c src/a.c
test: d/a.o
%.o: src/%.c
	echo $@ $< $*
