	echo x
test:
