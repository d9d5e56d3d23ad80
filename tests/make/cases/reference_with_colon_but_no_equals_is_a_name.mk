a:b = 1
N = a:b
$(N) = 2
$(info [$(a:b)] [$($(N))])
test:
