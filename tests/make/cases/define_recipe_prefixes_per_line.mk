define cmds
@echo a
-echo b
echo c
endef
test:
	@$(cmds)
test2:
	$(cmds)
