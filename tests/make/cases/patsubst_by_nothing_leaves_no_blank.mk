$(info [$(patsubst %.c,,a.c b a.c d.c)] [$(patsubst %.c,%,.c b .c)] [$(patsubst %,,a b)])
test:
