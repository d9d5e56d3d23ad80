#T files: a.c common.h
test: a.o
%.o: %.c common.h | order
	echo $< $^ $|
order:
