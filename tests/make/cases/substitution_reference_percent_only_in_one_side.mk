F = a.c b
$(info $(F:%.c=const) $(F:.c=%.o) $(F:%=))
test:
