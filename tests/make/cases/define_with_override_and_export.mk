#T args: A=cmd B=cmd
override define A
over
endef
define B
no
endef
export define C
exported
endef
$(info $(A) $(B) $(C) $(origin A))
test:
