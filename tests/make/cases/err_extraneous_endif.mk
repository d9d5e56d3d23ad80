endif
test:
