#T files: test a@-20 b@-10
test: a b
	echo [$?]
a: b
	echo remake $@
