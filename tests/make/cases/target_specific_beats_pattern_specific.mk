# kbuild: `objtool-enabled` of one object must beat what the pattern says for all of them.
A = g
test.o: A = target
%.o: A = pattern
%.o: B = pattern
test.o: B += more
test: test.o
test.o:
	echo $(A) $(B)
