test: o
x x: a
	echo $@ $+
x: b
test: x
	echo $+
a b o:
