define R
one:
	echo one
two:
	echo two
endef
$(eval $(R))
test: one two
