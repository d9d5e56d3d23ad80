define
x
endef
test:
