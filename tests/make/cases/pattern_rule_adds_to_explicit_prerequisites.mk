#T files: a.c a.h
test: a.o
a.o: a.h
%.o: %.c
	echo $< $^
