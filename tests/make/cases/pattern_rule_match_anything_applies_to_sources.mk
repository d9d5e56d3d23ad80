# Pattern rules are tried for every target without a recipe, sources among them.
#T files: src/a.c_shipped
#T goals: obj/a.o
obj/%: src/%_shipped
	echo shipped $@
obj/%.o: obj/%.c
	echo cc $@
