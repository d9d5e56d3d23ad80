# At the makefile level `private` only keeps a variable from targets.
private A = 1
B = 2
$(info $(A) $(B))
test: ; echo [$(A)] $(B)
