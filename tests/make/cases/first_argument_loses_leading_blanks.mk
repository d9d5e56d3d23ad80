$(info [$(subst   a,b,a a)] [$(findstring  b,ab)] [$(strip	tab)])
test:
