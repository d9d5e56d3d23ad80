#T files: a.c sub/d.c
$(info [$(wildcard ./a.c)] [$(wildcard ./*.c)] [$(wildcard sub//*.c)] [$(wildcard sub/../a.c)] [$(wildcard nope/../a.c)])
$(info [$(wildcard $(CURDIR)/*.c)] [$(wildcard */)])
test:
