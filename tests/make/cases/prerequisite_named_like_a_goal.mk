#T goals: all test
all: test
	echo all
test:
	echo test
