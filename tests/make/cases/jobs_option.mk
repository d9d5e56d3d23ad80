#T args: -j1
$(info [$(MAKEFLAGS)])
test: a b
	@echo $@
a b: ; @echo $@
