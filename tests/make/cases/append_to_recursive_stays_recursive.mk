A = $(X)
A += $(Y)
X = x
Y = y
$(info [$(A)] $(flavor A))
test:
