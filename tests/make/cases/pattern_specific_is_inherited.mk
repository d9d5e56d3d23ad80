%.x: A = x
test: a.x
a.x: leaf
leaf:
	echo [$(A)]
