this is not a rule
test:
