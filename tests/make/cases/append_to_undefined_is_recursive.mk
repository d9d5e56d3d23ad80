A += $(X)
X = later
$(info [$(A)] $(flavor A))
test:
