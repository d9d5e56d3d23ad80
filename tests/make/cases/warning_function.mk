$(warning first) $(warning second, with comma)
A = $(warning from A)x
B := $(A)
test:
	echo $(B) $(warning in recipe)
	echo $(A)
