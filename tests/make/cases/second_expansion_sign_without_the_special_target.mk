test: $$@.x
	echo $^
test.x:
%.x: ;
