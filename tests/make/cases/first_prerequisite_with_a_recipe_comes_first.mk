test: a b
test: c
	echo $< $^
a b c:
