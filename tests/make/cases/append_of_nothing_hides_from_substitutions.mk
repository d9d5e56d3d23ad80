# `+=` of nothing for a target adds nothing, but a substitution reference sees no value at all.
A := x.c
test: A +=
test:
	echo [$(A)] [$(A:.c=.o)]
