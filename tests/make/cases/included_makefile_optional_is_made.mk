-include gen.mk
gen.mk:
	echo 'G = generated' > $@
test:
	echo $(G)
