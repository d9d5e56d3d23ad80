# A prerequisite list is expanded when it is read.
P = a
test: P = b
test: $(P)
	echo $^ $(P)
a b:
