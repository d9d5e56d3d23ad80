
define T
define X
foo
endef
$(eval $(T))
test:
