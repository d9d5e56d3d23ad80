# A target found through VPATH that must be remade is remade here, under its own name.
#T files: src/t@-20 src/s
VPATH = src
test: t
	echo $^
t: s
	echo $@ from $^
