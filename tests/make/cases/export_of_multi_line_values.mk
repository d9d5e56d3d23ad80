#T file: sub.mk
#| $(info [$(A)])
#| all: ;
define A
one
two
endef
export A
test:
	@$(MAKE) -f sub.mk
