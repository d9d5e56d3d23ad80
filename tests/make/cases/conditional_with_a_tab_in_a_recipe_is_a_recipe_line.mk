A = 1
test:
	ifdef A
	echo x
	endif
