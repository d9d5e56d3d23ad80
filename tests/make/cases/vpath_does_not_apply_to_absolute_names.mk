#T files: src/a.c
VPATH = src
test: $(CURDIR)/a.c
	echo $^
$(CURDIR)/a.c: ; echo make it
