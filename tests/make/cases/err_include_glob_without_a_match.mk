include *.nothing
test:
