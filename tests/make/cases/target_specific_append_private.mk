A = global
test: private A += p
test: leaf
	echo $@ $(A)
leaf:
	echo $@ $(A)
