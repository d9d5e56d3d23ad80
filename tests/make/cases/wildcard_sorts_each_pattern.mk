#T files: b.c a.c z.c B.c _.c 1.c
$(info [$(wildcard *.c)] [$(wildcard z* *.c)])
test:
