a+b=1
c+ = 2
$(info [$(a+b)] [$(c+)] [$(c)])
test:
