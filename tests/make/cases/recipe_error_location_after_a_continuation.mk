#T returncode: 2
test:
	@echo a \
	  b
	+@false
