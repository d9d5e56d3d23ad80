#T args: -k --
#T goals: test A=1 test2
$(info $(MAKECMDGOALS) $(A))
test test2:
	@echo $@
