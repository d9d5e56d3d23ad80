test: a # comment
	# in the recipe
	echo $^ # here too
# between
	echo more
a: # nothing
