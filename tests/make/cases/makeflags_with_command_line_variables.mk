#T args: B=2 A=1 -k
$(info [$(MAKEFLAGS)] [$(MAKEOVERRIDES)] [$(value MAKEFLAGS)])
test:
	echo [$(MAKEFLAGS)]
