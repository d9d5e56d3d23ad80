A = none
test test2 x: A = $@
test: x
	echo $(A)
test2:
	echo $(A)
x:
	echo $(A)
