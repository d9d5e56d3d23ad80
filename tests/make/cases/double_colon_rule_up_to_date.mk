#T files: test a@-10 b@10
test:: a
	echo no
test:: b
	echo $? is newer
