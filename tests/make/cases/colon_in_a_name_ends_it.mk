a :=b
c ?=d
e?f=g
$(info [$(a)] [$(c)] [$(e?f)])
test:
