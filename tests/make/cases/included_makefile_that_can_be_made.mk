# The rule for an optional makefile is there, but with nothing to do.
#T files: "a.mk=$(info a)"
include a.mk
a.mk: ;
test:
	echo test
