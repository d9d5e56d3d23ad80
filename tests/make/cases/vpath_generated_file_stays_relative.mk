#T files: src/a.in
VPATH = src
test: a.c
	echo $^
a.c: a.in
	echo $@ $<
