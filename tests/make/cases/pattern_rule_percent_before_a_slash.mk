#T files: sub/file.c
test: sub/x.o
%/x.o: %/file.c
	echo $@ $< $*
