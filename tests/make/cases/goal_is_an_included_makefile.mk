#T goals: gen.mk
-include gen.mk
gen.mk:
	echo make it
test:
