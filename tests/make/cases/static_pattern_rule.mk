test: a.o b.o
a.o b.o: %.o: %.c dep
	echo $@ $< $* $^
%.c: ;
dep: ;
