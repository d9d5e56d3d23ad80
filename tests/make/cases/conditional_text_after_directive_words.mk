ifdefx = 1
ifeqx := 2
$(info $(ifdefx) $(ifeqx))
define-x = 3
endefx = 4
$(info $(define-x) $(endefx))
test:
