$(info [$(subst a,b)])
test:
