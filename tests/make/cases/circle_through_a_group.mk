test: a
a b &: c
	echo $@ $^
c: b
	echo $@
