define A
defined = 1
endefine
define_x
endef
$(info [$(A)])
test:
