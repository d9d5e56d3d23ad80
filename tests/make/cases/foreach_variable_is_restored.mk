# The loop variable shadows and comes back as it was.
x = before $(y)
y = z
$(info $(foreach x,a b,$(x) $(flavor x) $(origin x)))
$(info $(x) $(flavor x) $(origin x))
$(foreach never,a,)
$(info $(origin never))
test:
