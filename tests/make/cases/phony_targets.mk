#T files: test clean
.PHONY: test clean
test: clean
	echo $@
clean:
	echo $@
