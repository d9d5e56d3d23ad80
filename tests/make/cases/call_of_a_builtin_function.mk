$(info [$(call subst,a,b,banana)] [$(call words,a b c)] [$(call if,x,t,e)] [$(call patsubst,%.c,%.o,a.c)])
test:
