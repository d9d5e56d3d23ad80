#T files: src/a.c src/a.h inc/a.h
vpath %.c src
vpath %.h inc src
test: a.c a.h
	echo $^
