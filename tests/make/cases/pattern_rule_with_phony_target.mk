# Implicit rules are not looked for when a target is phony.
#T files: test.c
.PHONY: test
test:
%: %.c
	echo no
