#T files: a.y
#T returncode: 2
test: a.o missing
%.o: %.c
	echo $@
%.c: %.y
	echo $@
