#T args: --warn-undefined-variables
A = $(NOPE)
$(info [$(A)])
test:
	echo $(X)
