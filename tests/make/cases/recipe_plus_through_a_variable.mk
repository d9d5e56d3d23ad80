run = +@echo run $(1)
test:
	$(call run,it)
