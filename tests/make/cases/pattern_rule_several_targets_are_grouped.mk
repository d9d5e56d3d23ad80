#T files: a.y
test: a.tab.c a.tab.h
%.tab.c %.tab.h: %.y
	echo $@ $< $*
