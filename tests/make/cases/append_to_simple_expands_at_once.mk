Y = early
A := a
A += $(Y)
Y = late
$(info [$(A)] $(flavor A))
test:
