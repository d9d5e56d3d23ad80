# `?=` for a target finds the global variable, and makes that one private.
A = global
B = global
test: private A ?= no
test: export B ?= no
$(info $(A))
test: other
	echo [$(A)] [$(B)]
other:
	+@echo "[$(A)] [$$B]"
