test:
	echo one
	echo $(subst a,b
