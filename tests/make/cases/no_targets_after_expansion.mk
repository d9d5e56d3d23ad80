# A rule whose targets expand to nothing is silently left out, with its recipe.
$(E): foo
	echo x
test:
	echo test
