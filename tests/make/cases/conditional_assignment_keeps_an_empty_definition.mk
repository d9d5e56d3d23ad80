A =
A ?= x
B ?= y
$(info [$(A)] [$(B)] $(flavor B))
test:
