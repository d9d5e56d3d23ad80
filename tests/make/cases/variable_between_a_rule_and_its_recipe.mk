#T returncode: 2
test:
A = 1
	echo $(A)
