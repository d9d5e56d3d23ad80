N = F
F = a.c
$(info $($(N):.c=.o) $($(N):%.c=%))
test:
