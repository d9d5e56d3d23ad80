test: a b a c b
	echo [$^] [$+] [$<] [$(^F)] [$(+D)]
a b c:
