#T returncode: 2
test: a.o
%.o: %.c
	echo $@
