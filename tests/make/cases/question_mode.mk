#T args: -q
#T files: test a@-10 test2@-20
#T goals: test
test: a
	echo no
