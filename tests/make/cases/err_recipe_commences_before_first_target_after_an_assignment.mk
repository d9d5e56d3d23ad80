A = 1
	echo x
test:
