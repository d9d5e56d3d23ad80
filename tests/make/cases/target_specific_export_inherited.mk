test: export A = 1
test: leaf
leaf:
	echo $(A) $$A
