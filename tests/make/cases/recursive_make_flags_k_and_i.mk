#T args: -k -i
#T file: sub.mk
#| $(info $(MAKEFLAGS))
#| all: ;
test:
	@$(MAKE) -f sub.mk
