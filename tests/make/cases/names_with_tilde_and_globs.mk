#T files: a.c b.c x.h
test: *.c [x].h nope*.z
	echo $^
nope%: ; echo '$@'
