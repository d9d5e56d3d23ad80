# kbuild's arm64 kernel/pi adds flags by a general and by a particular pattern.
A = g
lib/x%.o: A += libx
%.o: A += o
lib/%.o: A += lib
test: lib/xy.o
lib/xy.o:
	echo $(A)
