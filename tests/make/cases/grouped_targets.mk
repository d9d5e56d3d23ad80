test: a b
a b &: c
	echo $@ once from $^
c:
