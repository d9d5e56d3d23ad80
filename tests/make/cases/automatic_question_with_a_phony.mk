#T files: test a@-10 b@-10
test: a b FORCE
	echo [$?] [$^]
FORCE:
