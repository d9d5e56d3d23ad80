A = g
test: override private A = 1
test: private override B = 2
test: export override C = 3
test: x
	echo $(A)$(B)$(C)
x: ; echo [$(A)$(B)$(C)]
