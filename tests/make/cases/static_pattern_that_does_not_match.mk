test: a.o b.x
a.o b.x: %.o: %.c
	echo $@ [$*] $<
a.c:
