define newline


endef
test:
	echo a$(newline)echo b$(newline)	@echo c
