# An empty but defined variable: the space is added only for a recursive or simple value that is not empty.
A =
A += x
B :=
B += x
$(info [$(A)] [$(B)])
test:
