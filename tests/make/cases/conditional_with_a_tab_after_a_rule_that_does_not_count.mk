# Where no line counts no rule is open, and so a line with a tab may end the conditional.
ifdef NOTHING
nope: a
	echo nope
	endif
test:
	@echo yes
ifndef NOTHING
test: a
	@echo two
	else
	@echo three
endif
a: ; @echo $@
