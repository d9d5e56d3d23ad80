#T args: A=cmd
#T file: sub.mk
#| $(info $(A) $(origin A))
#| all: ;
override A = over
export A
test:
	@$(MAKE) -f sub.mk
