#T args: -B
#T files: test a@-10
test: a
	echo $@ [$?]
