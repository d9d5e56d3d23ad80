A = global
test: A = own
test: A += more
test:
	echo $(A)
