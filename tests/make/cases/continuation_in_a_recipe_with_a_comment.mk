# What follows is still one command for the shell, comment and all.
test:
	echo a; \
	# comment \
	echo b
