$(info [$(subst a,$$,a)] [$(subst $$,x,$$$$)] [$(subst a,b$,a)])
test:
