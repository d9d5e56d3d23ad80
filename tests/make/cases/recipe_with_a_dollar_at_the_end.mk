test:
	echo a$
	echo $$
