#T files: sub/a.c
test: sub/lib-a.o
lib-%.o: %.c
	echo $@ $< $*
