a.o: %.o %.x: %.c
test:
