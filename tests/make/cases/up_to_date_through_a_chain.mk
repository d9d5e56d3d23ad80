#T files: test@-10 b@-20 a@-30
test: b
	echo no
b: a
	echo no
