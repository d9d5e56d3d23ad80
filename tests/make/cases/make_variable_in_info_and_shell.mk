$(info $(MAKE) $(shell echo $(MAKE)) $(value MAKE))
test:
