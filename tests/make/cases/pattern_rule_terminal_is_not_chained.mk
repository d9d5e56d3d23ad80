#T files: a.w
#T returncode: 2
test: a
%:: %.v
	echo $@ from $<
%.v: %.w
	echo $@ from $<
