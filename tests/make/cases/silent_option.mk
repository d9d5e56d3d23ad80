#T args: -s
$(info [$(MAKEFLAGS)] [$(findstring s,$(firstword -$(MAKEFLAGS)))])
test:
	echo shown all the same
test2:
