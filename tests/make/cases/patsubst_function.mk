$(info [$(patsubst %.c,%.o,x.c.c bar.c)] [$(patsubst %,<%>,a b)] [$(patsubst a,b,a aa a)])
$(info [$(patsubst a%c,[%],abc ac axxc bbc)] [$(patsubst %.c,x,a.c b)] [$(patsubst x,%y,x)])
$(info [$(patsubst %,%%,a)] [$(patsubst %.%,%,a.b)] [$(patsubst ,x,a b)] [$(patsubst %,,a b)])
test:
