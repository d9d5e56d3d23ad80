#T env: SHELL=/bin/other
$(info $(SHELL) $(origin SHELL) $(.SHELLFLAGS))
test:
