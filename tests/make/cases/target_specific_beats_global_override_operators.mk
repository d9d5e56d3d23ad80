A = global
B := global
C = global
test: A += more
test: B := own $(B)
test: C ?= no
test: D ?= own
test: E += own
test:
	echo [$(A)] [$(B)] [$(C)] [$(D)] [$(E)]
