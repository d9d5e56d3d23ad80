#T goals: ./test
test:
	echo $@ $(MAKECMDGOALS)
