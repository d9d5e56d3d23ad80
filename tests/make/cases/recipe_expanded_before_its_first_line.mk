# Both are expanded before the first line runs: kbuild evals in a recipe for the recipes after it.
test:
	@echo one $(eval A = set)
	@echo two $(A)
