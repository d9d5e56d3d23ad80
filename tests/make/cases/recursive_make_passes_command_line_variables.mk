#T args: A=1 "B=x y"
#T file: sub.mk
#| $(info $(A) $(B) [$(MAKEFLAGS)] $(MAKELEVEL) $(origin A))
#| A := no
#| all: ; @echo $(A)
test:
	@$(MAKE) -f sub.mk C=3 all
