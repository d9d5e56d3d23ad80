test: a
test: b
	echo $^ first $<
test: c
a b c:
