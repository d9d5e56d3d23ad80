#T files: one/a.c two/a.c
VPATH = one
vpath %.c two
test: a.c
	echo $^
