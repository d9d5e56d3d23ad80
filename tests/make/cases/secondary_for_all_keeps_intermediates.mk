#T files: a.y
.SECONDARY:
test: a.o
%.o: %.c
	echo $@ $<
%.c: %.y
	echo $@ $<
