define A
one
endef
A += two
$(info [$(A)])
test:
