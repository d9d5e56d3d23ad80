N = A
A = x
undefine $(N)
$(info [$(A)])
test:
