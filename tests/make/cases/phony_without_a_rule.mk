.PHONY: nothing
test: nothing
	echo $^
