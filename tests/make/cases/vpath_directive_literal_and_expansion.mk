#T files: src/a.c src/b.c other/b.c
D = src
vpath a.c $(D)
vpath b% other:$(D)
test: a.c b.c
	echo $^
