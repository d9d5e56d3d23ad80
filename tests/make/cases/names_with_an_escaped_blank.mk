test: a\ b
	echo '$<' '$@'
a\ b:
	echo make '$@'
