#T returncode: 2
test: dir/a
dir/a: missing.h
	echo no
