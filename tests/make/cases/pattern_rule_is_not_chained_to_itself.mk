#T files: a.x
#T returncode: 2
test: a.x.y.y
%.y: %
	echo $@ from $<
