test: a
	$(if ,echo)
	@$(E)
a:
	$(E)
