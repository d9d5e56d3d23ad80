#T goals: -
.PHONY: x
.DELETE_ON_ERROR:
.SUFFIXES:
.c.o:
test:
	echo test
