a b = c
test:
