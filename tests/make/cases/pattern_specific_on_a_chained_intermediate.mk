#T files: a.s
%.o: A = for-o
test: a.o
%.o: %.c
	echo $@ $< $(A)
%.c: %.s
	echo $@ $< $(A)
