# The recipe for it runs even under -n, and then everything is read anew.
$(info reading $(MAKE_RESTARTS))
include gen.mk
gen.mk:
	@echo making $@; echo 'G = generated' > $@
test:
	echo $(G)
