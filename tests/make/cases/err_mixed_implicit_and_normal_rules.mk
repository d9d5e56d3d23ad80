%.o foo: bar
	echo x
test:
