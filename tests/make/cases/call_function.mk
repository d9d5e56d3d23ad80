rev = $(2) $(1)
$(info [$(call rev,a,b)] [$(call rev,a)] [$(call rev, a , b )] [$(call rev,a,b,c)] [$(call nope,a)])
test:
