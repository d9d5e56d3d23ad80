#T file: sub.mk
#| $(info [$(A)] $(flavor A) [$(value A)])
#| all: ;
export A = $(shell echo s)$(B)
B = $$(C)
test:
	@$(MAKE) -f sub.mk
