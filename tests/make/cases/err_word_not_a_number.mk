$(info [$(word x,a)])
test:
