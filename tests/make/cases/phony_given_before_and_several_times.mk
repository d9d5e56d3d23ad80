#T files: a b
.PHONY: a
.PHONY: b $(NOPE)
test: a b
	echo $^
a b:
	echo $@
