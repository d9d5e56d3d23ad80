#T files: one/a.c two/a.c two/b.c
VPATH = one:two three
test: a.c b.c
	echo $^
