.ONESHELL:
test:
	@echo one
	-echo two
	@echo three
