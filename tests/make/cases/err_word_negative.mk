$(info [$(word -1,a)])
test:
