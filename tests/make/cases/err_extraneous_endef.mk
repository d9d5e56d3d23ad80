A = 1
endef
test:
