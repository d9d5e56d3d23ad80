test: a b | b c
test: | a d
	echo [$^] [$|]
a b c d:
