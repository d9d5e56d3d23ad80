A = global
test: A += own
test:
	echo [$(A)]$(eval A = changed)
	echo [$(A)]
