#T env: A=env
%.x: A += x
test: a.x
a.x:
	echo $(A)
