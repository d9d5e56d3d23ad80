#T files: a.mk=A=1
include a.mk
$(warning after)
test:
	echo $(warning in recipe)
