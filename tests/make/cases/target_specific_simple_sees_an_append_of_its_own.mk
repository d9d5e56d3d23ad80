A := global
test: A += own
test: B := $(A)
test:
	echo [$(B)]
