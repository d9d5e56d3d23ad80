#T goals: test
case.mk: case.in
	@echo no
test: ; @echo x
case.in:
	@:
