A = g
%.x: A ?= x
%.x: B ?= x
%.x: B ?= y
test: a.x
a.x:
	echo $(A) $(B)
