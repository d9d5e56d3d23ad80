X := $(filter a)
test:
