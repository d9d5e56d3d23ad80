test: a

# comment

	echo test

a:
	echo a
