#T goals: test
test:
ifeq '' ''\
