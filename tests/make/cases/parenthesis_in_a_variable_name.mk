v(x) = 1
N = v(x)
$(info [$(v(x))] [$($(N))])
test:
