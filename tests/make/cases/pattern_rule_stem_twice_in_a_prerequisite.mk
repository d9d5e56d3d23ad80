# Only the first `%` of a prerequisite is the stem.
#T files: a-%.c
test: a.o
%.o: %-%.c
	echo $<
