subst = var
$(info [$(subst)] [$(subst	a,b,a)] [$(strip,)])
test:
