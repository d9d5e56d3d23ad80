test:
	@echo one $(eval A = set)
	@echo two $(A)
