# An argument that expands to a reference stays text.
f = [$(1)]
A = $$(B)
B = no
$(info $(call f,$(A)))
test:
