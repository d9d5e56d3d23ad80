# The directory is put aside, matched against the rest, and put back before the prerequisite.
#T files: sub/a.c
test: sub/a.o
%.o: %.c
	echo $@ $< $*
