#T returncode: 2
test: define A
x
endef
test:
	echo $(A)
