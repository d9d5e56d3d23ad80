$(info $(subst a,b,c)
test:
