define CMD
echo one; \
echo two
endef
$(info [$(shell $(CMD))])
test:
