$(info [$(word ,a)])
test:
