test: A = from-test
test: mid
	echo $@ $(A)
mid: leaf
	echo $@ $(A)
leaf:
	echo $@ $(A)
other: leaf
	echo $@ $(A)
test2: leaf
	echo $@ [$(A)]
