define A
x
  endef
define B
y
	endef
endef
$(info [$(A)] [$(B)])
test:
