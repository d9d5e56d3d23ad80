#T args: -k
#T returncode: 2
#T goals: one nope two
one two:
	echo $@
