#T files: a.c b.c c.h sub/d.c sub/e.h .hidden.c
$(info [$(wildcard *.c)] [$(wildcard sub/*)] [$(wildcard *.x)] [$(wildcard a.c nope c.h)] [$(wildcard *.h *.c)])
$(info [$(wildcard [ab].c)] [$(wildcard ?.c)] [$(wildcard */*.c)] [$(wildcard .*.c)] [$(wildcard sub)] [$(wildcard sub/)])
test:
