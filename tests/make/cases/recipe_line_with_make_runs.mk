# A line that mentions $(MAKE) runs even under -n, with the flags passed on.
#T files: "sub/Makefile=all: ; @echo in sub"
test:
	$(MAKE) -C sub
	echo after
