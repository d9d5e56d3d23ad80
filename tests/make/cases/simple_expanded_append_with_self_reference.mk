A := a
A := $(A) $(A)
A += $(A)
$(info $(A))
test:
