f_a = A$(1)
f_b = B$(1)
$(info $(foreach k,a b,$(call f_$(k),$(k))) $(call  f_a ,x))
test:
