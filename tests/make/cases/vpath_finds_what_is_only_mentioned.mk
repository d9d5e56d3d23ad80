# A name that a makefile mentions is as good as a file, and then nothing makes it.
#T returncode: 2
VPATH = src
test: a.o
other: src/a.c
	echo $^
%.o: %.c
	echo $@ $<
