#T goals: two one two one
one:
	echo one
two: one
	echo two
