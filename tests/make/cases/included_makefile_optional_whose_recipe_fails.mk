-include gen.mk
gen.mk:
	@exit 3
test:
	echo on
