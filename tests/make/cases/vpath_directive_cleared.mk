#T returncode: 2
#T files: src/a.c
vpath %.c src
vpath %.c
test: a.c
	echo $^
