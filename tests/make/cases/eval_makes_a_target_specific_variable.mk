$(eval test: A = from eval)
test:
	echo $(A)
