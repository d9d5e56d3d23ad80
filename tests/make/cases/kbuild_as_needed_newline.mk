define newline


endef
A := a$(newline)b
$(info $(subst $(newline),|,$(A)))
test:
	@echo '$(subst $(newline),\n,$(A))'
