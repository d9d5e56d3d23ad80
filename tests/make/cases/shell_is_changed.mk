SHELL = /bin/bash
$(info $(shell echo $${BASH_VERSION:+bash}))
test:
	+@echo $${BASH_VERSION:+bash}
