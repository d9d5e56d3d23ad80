A = global
test: a b
a: A = for-a
a b:
	echo $@ $(A)
