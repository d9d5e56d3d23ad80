A = global
test: A += one
test: A += two
test:
	echo [$(A)] $(flavor A) $(origin A)
