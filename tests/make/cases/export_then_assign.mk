#T file: sub.mk
#| $(info $(A))
#| all: ;
export A
A = late
test:
	@$(MAKE) -f sub.mk
