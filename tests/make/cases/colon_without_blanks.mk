test:a|b
	echo $^
a b:
