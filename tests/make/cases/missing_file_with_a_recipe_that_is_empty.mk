test: a
	echo $^
a: ;
