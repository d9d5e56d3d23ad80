$(info $(MAKE_VERSION))
test:
