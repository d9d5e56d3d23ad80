define A = trailing
x
endef
$(info [$(A)])
test:
