t%: private A = secret
test: A += own
test: leaf
	echo [$(A)]
leaf:
	echo [$(A)]
