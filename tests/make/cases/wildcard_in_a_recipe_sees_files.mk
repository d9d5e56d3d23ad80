#T files: a.c
test:
	echo $(wildcard *.c) $(wildcard *.none)
