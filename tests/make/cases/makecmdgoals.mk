#T goals: one two
$(info [$(MAKECMDGOALS)])
one two three:
	@echo $@ $(MAKECMDGOALS)
