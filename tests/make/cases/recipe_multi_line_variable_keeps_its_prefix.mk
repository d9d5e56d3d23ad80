define cmds
echo one
@echo two
	-echo three
endef
test:
	@$(cmds)
