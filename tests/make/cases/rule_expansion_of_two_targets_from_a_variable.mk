T = one two
test: $(T)
$(T): %: x-%
	echo $@ $<
x-%: ;
