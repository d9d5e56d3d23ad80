test: test a
	echo $@ [$^]
a: ;
