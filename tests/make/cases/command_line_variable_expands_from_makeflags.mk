#T args: "B=$$(X)" A='it"s'
#T file: sub.mk
#| X = sub
#| $(info $(B) $(A))
#| all: ;
X = top
$(info $(B) $(A))
test:
	@$(MAKE) -f sub.mk
