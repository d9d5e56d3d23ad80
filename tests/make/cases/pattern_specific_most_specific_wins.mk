# The longest stem is applied first, so that the most specific pattern has the last word.
%.o: A = short
lib/%.o: A = lib
%: A = any
lib/x%.o: A = libx
test: lib/xy.o lib/z.o z.o z
lib/xy.o lib/z.o z.o z:
	echo $@ $(A)
