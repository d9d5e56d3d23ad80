define outer
before
define inner
in $(1)
endef
after
endef
$(info $(outer))
test:
