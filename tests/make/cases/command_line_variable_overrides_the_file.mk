#T args: A=cmd B:=$(A)x
A = file
A := file2
A += more
B ?= no
$(info $(A) $(B) $(origin A))
define A
text
endef
$(info $(A))
test:
