$(info $(CURDIR) $(notdir $(CURDIR:%=%/x)))
test:
	echo $(CURDIR)
