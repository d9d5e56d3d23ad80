test: a
a: b
	echo $@ $^
b: a
	echo $@ [$^]
