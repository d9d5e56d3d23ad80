test: a.o b.o
OBJS = a.o b.o
$(OBJS): %.o: %.c
	echo $@ $(F)
$(OBJS): F = -x
%.c: ;
