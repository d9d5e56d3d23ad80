test: a
	$(E)\
	$(E)
	echo $^
a:
	\
	
