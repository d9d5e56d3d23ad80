# kbuild: a source is found in the source tree, a generated file stays where it is.
#T files: src/a.c src/b.h here.c
VPATH = src
test: a.c b.h here.c gen.c
	echo $^ $<
gen.c:
	echo $@
