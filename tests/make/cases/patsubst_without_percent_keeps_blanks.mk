$(info [$(patsubst a,b,a   aa	a)] [$(patsubst ,x,)] [$(patsubst ,x,a )] [$(patsubst a,\%,a)] [$(patsubst a,,a  a)])
test:
