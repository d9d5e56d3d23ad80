#T args: -ks
$(info [$(MAKEFLAGS)])
test:
	@echo x
