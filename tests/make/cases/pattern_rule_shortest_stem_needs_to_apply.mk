#T files: a.nvhe.c
test: a.nvhe.o
%.nvhe.o: %.c
	echo nvhe
%.o: %.c
	echo o $*
