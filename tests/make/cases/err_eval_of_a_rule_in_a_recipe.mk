# Prerequisites cannot be defined while recipes run.
test:
	echo $(eval x: y)
