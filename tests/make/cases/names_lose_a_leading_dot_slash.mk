# kbuild: `./a/x.o` is the same target as `a/x.o`; a variable still shows what was written.
V = ./a/x.o .//b.o
test: $(V)
	echo $^ $(V)
./a/x.o b.o:
	echo $@
