#T goals: b; a b; a
a b&: c
	echo $@ from $^
c:
