# With -R there are no patterns.
#T files: libfoo.a
#T returncode: 2
test: -lfoo
	echo $^
