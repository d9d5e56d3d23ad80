#T files: d/a.c
test: d/a.o
d/%.o: d/%.c | d/out-%
	echo $@ [$^] [$|]
d/out-%:
	echo mkdir $@
