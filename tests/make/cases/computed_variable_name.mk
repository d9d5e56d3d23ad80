A = x
x = y
y = z
$(info $($(A)) $($($(A))) $($(A)$(E)))
test:
