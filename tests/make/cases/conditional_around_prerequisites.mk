test: a
ifdef CURDIR
test: b
endif
test:
	echo $^
a b:
