$(info a, b,  c )
$(info )
$(info   lead)
X := $(info in assignment)
test:
	echo one$(info from the recipe)
	echo two
