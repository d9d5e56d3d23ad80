#T args: A=cmd
#T file: sub.mk
#| $(info [$(A)] $(origin A) [$(MAKEFLAGS)])
#| all: ;
MAKEOVERRIDES =
test:
	@$(MAKE) -f sub.mk
