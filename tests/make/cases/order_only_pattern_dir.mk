#T files: a.c
test: a.o
%.o: %.c | dir
	echo $@ $| $?
dir:
	echo mkdir $@
