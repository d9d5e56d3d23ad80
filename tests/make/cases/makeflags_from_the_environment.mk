#T env: MAKEFLAGS=k MAKELEVEL=2
#T returncode: 2
$(info [$(MAKEFLAGS)] $(MAKELEVEL))
test: a b
	echo no
a: missing
b: ; echo b
