# A prerequisite is made once, with the variables of the target that reached it first.
test: one two
one: A = one
two: A = two
one: shared
	echo $@ $(A)
two: shared
	echo $@ $(A)
shared:
	echo $@ $(A)
test2: two one
