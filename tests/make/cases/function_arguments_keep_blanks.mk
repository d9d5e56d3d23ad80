$(info [$(subst a, b,a)] [$(subst a,b , a )] [$(if x, a )])
test:
