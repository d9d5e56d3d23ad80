# kbuild: `need-builtin=1` reaches a grandchild that does not repeat it.
#T file: sub.mk
#| all: ; @$(MAKE) -f subsub.mk
#T file: subsub.mk
#| $(info $(need) $(origin need))
#| need := file
#| all: ; @echo $(need) $(MAKELEVEL)
test:
	@$(MAKE) -f sub.mk need=1
