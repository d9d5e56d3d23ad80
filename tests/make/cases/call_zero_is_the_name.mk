f = $(0):$(1)
$(info $(call f,x) [$(0)])
test:
