#T files: src/t src/s@-20
VPATH = src
test: t
	echo $^
t: s
	echo no
