#T files: src/a.c src/sub/b.c
test: obj/a.o obj/sub/b.o
obj/%.o: src/%.c
	echo $@ $< $* $(*F) $(*D)
