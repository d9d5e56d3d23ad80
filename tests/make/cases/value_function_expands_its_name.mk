N = A
A = $(B)
$(info [$(value $(N))] [$(value  A)])
test:
