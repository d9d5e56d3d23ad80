cmd = cc $(1) -o $@ $<
test: a.c
	$(call cmd,-O2)
a.c:
