undefine
test:
