#T args: "A:=$(X)" "B=$(X)" "C::=$(X)" 
X = later
$(info [$(A)] [$(B)] [$(C)] $(flavor A) $(flavor B))
test:
