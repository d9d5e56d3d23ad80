# It mutates globals, when the recipe is expanded, for the recipes that come after.
A = before
test: one two
	echo test $(A)
one:
	echo one $(A)$(eval A = after)
	echo still one $(A)
two:
	echo two $(A)
