$(info [$(word 0,a)])
test:
