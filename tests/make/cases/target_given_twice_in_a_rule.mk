#T goals: test
test test: a
	echo $@ $^
a:
