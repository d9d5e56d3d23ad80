A = a \# b # c
B = a \\# c
C = \\\# d
D = 'x#y'
$(info [$(A)] [$(B)] [$(C)] [$(D)])
test:
