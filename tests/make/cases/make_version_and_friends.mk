$(info $(if $(MAKE_VERSION),version) $(if $(MAKE_HOST),host) $(MAKE_COMMAND) $(MAKE) $(MAKELEVEL))
test:
