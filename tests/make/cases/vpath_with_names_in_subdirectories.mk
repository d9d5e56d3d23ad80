#T files: src/sub/a.c
VPATH = src
test: sub/a.o sub/../sub/a.c
	echo $^
sub/a.o: sub/a.c
	echo $@ $<
