else
test:
