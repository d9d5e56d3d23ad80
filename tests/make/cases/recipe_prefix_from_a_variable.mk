Q = @
C = @-echo
test:
	$(Q)echo quiet
	$(C) both
	$(E)@echo after empty
