test: export = 1
test: private := 2
test:
	echo $(export) $(private)
