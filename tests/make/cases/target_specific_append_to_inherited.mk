A = global
test: A += test
test: leaf
	echo $@ $(A)
leaf: A += leaf
leaf:
	echo $@ $(A)
test2: leaf
