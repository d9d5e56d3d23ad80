# The command's exit status, its line, and what it takes along.
#T files: old@-10
test: one two
one: old
	echo one > $@
two: one
	echo two

	no-such-program-anywhere
	echo not reached
