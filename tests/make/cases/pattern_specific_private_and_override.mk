#T args: C=cmd
%.x: private A = x
%.x: override C = y
test: a.x
a.x: leaf
	echo [$(A)] [$(C)]
leaf:
	echo [$(A)] [$(C)]
