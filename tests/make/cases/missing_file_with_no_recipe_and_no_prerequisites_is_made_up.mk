#T files: test
test: FORCE
	echo forced $?
FORCE:
