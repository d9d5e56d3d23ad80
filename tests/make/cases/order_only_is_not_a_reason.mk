#T files: test a@-5 b@10
test: a | b
	echo no
