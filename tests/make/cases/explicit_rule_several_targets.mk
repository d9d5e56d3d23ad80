test: a b
a b: c
	echo $@ from $<
c:
