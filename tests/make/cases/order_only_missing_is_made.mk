#T files: test
test: | b
	echo no
b:
	echo make $@
