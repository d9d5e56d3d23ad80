test: lib-x-y
lib-x-y: lib-%-y: %.a sub/%.b c
	echo $^ $*
x.a sub/x.b c:
