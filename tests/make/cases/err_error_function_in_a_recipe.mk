# The whole recipe is expanded before its first line runs.
test:
	echo one
	echo $(error in the recipe)
