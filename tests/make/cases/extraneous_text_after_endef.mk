define A
x
endef trailing
$(info [$(A)])
test:
