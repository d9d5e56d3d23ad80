E =
test: $(E) a $(E)
	echo [$^]
a:
