#T goals: test
-include missing.mk
test: missing.mk
	echo $^
missing.mk: dep
dep:
