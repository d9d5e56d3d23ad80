a.o: b.o: c.c
test:
