#T files: a.c
.PHONY: all
all: a.o
%.o: %.c
	echo $@
test: all
