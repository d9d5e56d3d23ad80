test:: a
	echo one $^
test:: b
	echo two $^
test::
	echo three $^
a b:
