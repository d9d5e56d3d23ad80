%: A += x
t%: A := y
test: two
	echo [$(A)]
two: leaf
	echo [$(A)]
leaf:
	echo [$(A)]
