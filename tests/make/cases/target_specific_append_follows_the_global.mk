A = one
test: A += two
A = uno
test:
	echo $(A)
