MAKEFLAGS += -k
$(info [$(MAKEFLAGS)])
test: a b
a: missing
b: ; echo b
#T returncode: 2
