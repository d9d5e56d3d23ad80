#T goals: test; test2
R = test: a; @echo rule
$(R)
test2: test
	echo $^
a:
