F = a.c    b.c
$(info [$(F:.c=.o)] [$(F:.x=.o)])
test:
