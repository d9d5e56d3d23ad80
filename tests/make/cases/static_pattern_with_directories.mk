test: d/a.o
d/a.o: %.o: %.c
	echo $@ $< [$*] [$(*D)] [$(*F)]
d/a.c:
