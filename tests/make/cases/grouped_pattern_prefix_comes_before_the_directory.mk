#T files: d/a.y
test: d/lib-a.c
lib-%.c gen-%.h: %.y
	echo $@ $<
test2: d/gen-a.h
	echo $^
