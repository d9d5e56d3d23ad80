S = a  b   c
comma := ,
empty :=
space := $(empty) $(empty)
$(info [$(subst a,x,$(S))] [$(subst $(space),$(comma),$(S))] [$(subst $(comma),$(space),a,b,c)])
test:
