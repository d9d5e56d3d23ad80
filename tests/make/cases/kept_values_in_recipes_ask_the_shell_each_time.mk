# $(shell) and $(wildcard) give what there is at that moment.
line = $(shell echo x >> log; wc -l < log)
here = $(wildcard log)
both = $(line) $(here)
test: one two
	rm -f log
one two: ; echo $(here) $(line) $(line) $(call both) $(call both) $(here)
