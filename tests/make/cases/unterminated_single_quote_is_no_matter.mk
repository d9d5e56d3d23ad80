A = it's "fine
$(info $(A))
test:
	echo it's $(A)
