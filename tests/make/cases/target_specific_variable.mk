A = global
test: A = target
test:
	echo $(A)
test2:
	echo $(A)
