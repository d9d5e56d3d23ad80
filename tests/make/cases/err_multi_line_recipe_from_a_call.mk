# Lines that come out of an expansion are not recipe lines: that needs eval.
define rule
	echo one $(1)
	$(if $(1),echo two)
endef
test:
$(call rule,x)
