# The last line of the file goes on, with nothing.
#T files: a.two
test: x.one
%.one: a.two
	@echo $@ \