#T files: a.mk=X=1
test:
	echo one
include a.mk
$(info $(X))
