test: a ; echo inline $@
	echo more
a: ; # comment in the recipe
