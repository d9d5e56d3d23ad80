test: A != echo hi; echo ho
test:
	echo $(A)
