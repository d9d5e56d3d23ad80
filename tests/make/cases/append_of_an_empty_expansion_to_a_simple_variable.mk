E =
A := a
A += $(E)
$(info [$(A)])
test:
