#T files: dir/
test: dir
	echo $^
dir:
	echo no
