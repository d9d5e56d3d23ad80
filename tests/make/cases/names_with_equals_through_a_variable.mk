E = =
test: a$(E)b
	echo $^
a$(E)b:
