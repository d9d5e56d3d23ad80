#T returncode: 2
include gen.mk
gen.mk:
	false
test:
