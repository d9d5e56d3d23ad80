$(info [$(patsubst \%a,x,%a b)] [$(patsubst a\%b%,%,a%bc)] [$(patsubst \\%.c,%,\x.c)] [$(patsubst %,\%%,a)])
test:
