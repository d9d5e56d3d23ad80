#T files: a.y
.SECONDARY: a.c
test: a.o
%.o: %.c
	echo $@
%.c: %.y
	echo $@
