#T files: a.c
test: a.o
%.o: %.c
	echo % $@ %%
