#T files: a.v
test: a
%:: %.v
	echo $@ from $<
%.v: %.w
	echo no
