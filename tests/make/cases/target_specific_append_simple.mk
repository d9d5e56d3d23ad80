X = early
A := global
test: A += $(X)
test: B := $(X)
X = late
A := changed
test:
	echo $(A) $(B)
