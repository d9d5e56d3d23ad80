#T oracle: none (GNU make >= 4.4)
#T expect: [b a] [a|b c d]
#T expect: outer [x|y|]
#T expect: :
swap = $(let x y,$(1),$(y) $(x))
x = outer
$(info [$(call swap,a b)] [$(let f r,a b c d,$(f)|$(r))])
$(info $(x) [$(let x y z,x y,$(x)|$(y)|$(z))])
test:
	@:
