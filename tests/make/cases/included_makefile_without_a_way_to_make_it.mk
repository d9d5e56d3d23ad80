#T returncode: 2
include gen.mk
gen.mk: nothing
	echo no
test:
