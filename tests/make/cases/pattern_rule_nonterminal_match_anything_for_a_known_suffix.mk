# A match-anything rule that is not terminal is not tried for a name that a particular pattern matches.
#T files: a.c.sh a.x
#T returncode: 2
test: a.c
%: %.sh
	echo $@ from $<
%.c: %.y
	echo $@ from y
