: foo
	echo x
test:
