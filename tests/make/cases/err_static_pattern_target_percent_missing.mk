a.o: .o: %.c
test:
