# kbuild: `%.gen.S: FORCE` makes whatever matches.
test: a.gen.S
%.gen.S: FORCE
	echo $@ $< $^
.PHONY: FORCE
FORCE:
