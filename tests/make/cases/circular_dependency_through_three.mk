test: a
a: b
b: c
c: a
	echo $@ [$^]
