%.o: %.x: %.c
	echo x
test:
