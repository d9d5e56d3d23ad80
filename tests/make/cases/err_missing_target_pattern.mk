a.o: : %.c
test:
