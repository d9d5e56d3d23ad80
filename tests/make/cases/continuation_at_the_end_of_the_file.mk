#T no-final-newline
test:
	echo x \