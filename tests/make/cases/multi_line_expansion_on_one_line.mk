# Not evaluated again: a newline in an expansion does not make two lines.
#T returncode: 2
define two
A = 1
B = 2
endef
$(two)
test:
