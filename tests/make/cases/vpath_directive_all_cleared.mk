#T returncode: 2
#T files: src/a.c src/b.x
vpath %.c src
vpath %.x src
vpath
test: a.c b.x
	echo $^
