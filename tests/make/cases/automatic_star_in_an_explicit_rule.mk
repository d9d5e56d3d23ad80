# In an explicit rule the stem is the target without a known suffix; with no suffixes it is empty.
test: test.c
	echo [$*]
.SUFFIXES: .c .o
test.o: test.c
	echo [$*] [$(*F)]
test2: test.o
test.c:
