test: a.c b.c
	echo $(@:t%=T%) $(<:.c=.o) $(^:.c=.o) $(patsubst %.c,%.d,$^)
a.c b.c:
