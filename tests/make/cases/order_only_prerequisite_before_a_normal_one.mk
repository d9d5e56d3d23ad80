test: | b c
test: a b
	echo [$^] [$|] [$<] [$+]
a b c:
