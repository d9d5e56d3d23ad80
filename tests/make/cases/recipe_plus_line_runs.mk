test:
	+@echo ran '$@'
	@echo did not run
	+echo shown and run
