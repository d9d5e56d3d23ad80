test: private A = secret
test: B = public
test: leaf
	echo $@ [$(A)] [$(B)]
leaf:
	echo $@ [$(A)] [$(B)]
