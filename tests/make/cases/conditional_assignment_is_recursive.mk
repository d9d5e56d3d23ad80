X = 1
A ?= $(X)
X = 2
$(info $(A))
test:
