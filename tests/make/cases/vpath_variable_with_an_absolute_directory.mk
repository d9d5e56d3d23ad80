#T files: tree/init/main.c tree/scripts/run.sh
VPATH := $(CURDIR)/tree
test: init/main.o
	echo $<
init/%.o: init/%.c scripts/run.sh
	echo $@ $< $^
