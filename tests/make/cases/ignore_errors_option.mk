#T args: -i
test:
	+false
	echo reached
