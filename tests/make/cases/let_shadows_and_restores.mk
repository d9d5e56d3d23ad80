#T oracle: none (GNU make >= 4.4)
#T expect: [1 2  3] [a|b c] [] undefined
#T expect: reversed: d c b a
#T expect: :
$(info [$(let a,1 2  3,$(a))] [$(let a b,  a   b  c ,$(a)|$(strip $(b) ))] [$(let a b,,$(a)$(b))] $(origin b))
reverse = $(let first rest,$(1),$(if $(rest),$(call reverse,$(rest)) )$(first))
$(info reversed: $(call reverse,a b c d))
test:
	@:
