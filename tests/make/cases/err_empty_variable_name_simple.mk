= x
test:
