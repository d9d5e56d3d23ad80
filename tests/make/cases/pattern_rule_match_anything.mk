#T files: foo.sh
#T goals: foo
%: %.sh
	echo $@ from $<
