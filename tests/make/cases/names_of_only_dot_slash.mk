test: ./ . ./.
	echo [$^]
