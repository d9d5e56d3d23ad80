$(info [$(MAKEFLAGS)] [$(MFLAGS)])
test:
	echo [$(MAKEFLAGS)] [$(MFLAGS)]
