$(info [$(subst ee,EE,feet on the street)] [$(subst a,,banana)] [$(subst ,x,abc)] [$(subst ,x,)])
$(info [$(subst aa,b,aaaaa)] [$(subst a b,c,a b  a b)])
test:
