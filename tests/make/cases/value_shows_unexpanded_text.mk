A = $(B) $$c $(subst a,b,aa)
B := x
C := $(B) $$
$(info $(value A) | $(value C) | $(value B))
test:
