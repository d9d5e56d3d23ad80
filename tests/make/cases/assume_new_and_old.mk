#T args: -W a -o b
#T files: test a@-10 b@10
test: a b
	echo $?
