test: a.o ; @:
a.o: %.o: %.c | %.d ; @echo $@ $< $|
a.c a.d:
