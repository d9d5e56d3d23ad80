test:
	-+exit 3
	echo reached
