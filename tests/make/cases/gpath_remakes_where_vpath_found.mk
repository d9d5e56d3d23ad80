#T files: src/t@-20 src/u@-20 src/s
VPATH = src
GPATH = src
test: t
	echo $^
t: s
	echo $@ from $^
