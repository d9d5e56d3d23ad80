$(info [$(subst a,b,a,a)] [$(strip a , a)] [$(filter a%,ab,c ad)] [$(words a,b c)] [$(info a,b)])
test:
