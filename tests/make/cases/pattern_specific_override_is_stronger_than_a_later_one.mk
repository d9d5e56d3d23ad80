a%: override A = over
a%: A = later
a%: override A += more
test: a1
a1:
	echo [$(A)]
