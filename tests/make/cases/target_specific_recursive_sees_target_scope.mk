# A global variable that is recursive is expanded with the target's variables.
FLAGS = -O $(EXTRA)
test: EXTRA = -g
test:
	echo $(FLAGS)
