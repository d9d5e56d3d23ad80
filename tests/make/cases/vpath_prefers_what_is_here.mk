#T files: src/a.c a.c
VPATH = src
test: a.c
	echo $<
