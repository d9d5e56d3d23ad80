#T files: a.y
test: a.o other
%.o: %.c
	echo $@
%.c: %.y
	echo $@
other: a.c
	echo $@
