define names
one
two
endef
test: $(names)
	echo $^
$(names):
