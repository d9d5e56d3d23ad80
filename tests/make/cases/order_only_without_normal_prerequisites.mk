test: | b
	echo [$<] [$^] [$?] [$|]
b:
