#T files: a.c b.x
.SUFFIXES: .c .o
.SUFFIXES:
.SUFFIXES: .x .o
$(info [$(SUFFIXES)])
test: b.o
.x.o:
	echo $@ $<
