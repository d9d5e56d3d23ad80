$(info [$(value NOPE)])
test:
	echo '$(value @)' [$(value <)]
