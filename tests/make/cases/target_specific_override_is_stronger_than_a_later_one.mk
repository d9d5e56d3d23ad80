test: override A = over
test: A = later
test: A += more
test: override B += x
test: B += y
test:
	echo [$(A)] [$(B)]
