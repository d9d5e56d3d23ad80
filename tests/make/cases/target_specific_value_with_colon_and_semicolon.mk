test: A = a:b ; c # comment
test:
	echo $(A)
