F = a.c b.c c.o d.c.c .c
$(info $(F:.c=.o))
$(info $(F:%.c=%.o))
$(info $(F:%=x%y))
$(info $(F:a%=z%))
$(info $(F:.c=))
$(info [$(F:=.x)])
test:
