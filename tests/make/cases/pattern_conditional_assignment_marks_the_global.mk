A = global
lib%: private A ?= no
test: lib/a other
	echo [$(A)]
lib/a other:
	echo [$(A)]
