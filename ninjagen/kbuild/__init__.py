"""kbuild's protocol on top of the make language.

world       the virtual file table: what exists while kbuild's makefiles are evaluated
protocol    the few macros and targets of kbuild that mean something to us: tables with reasons
shelltext   recipe text: sub-makes in it, scripts it runs, variables those read
lower       make's words to ninja's words: a target's commands to an edge
walk        the one loop: make processes start make processes
instance    one of them: what its targets come to, and the edges their recipes are
descent     a make that a recipe starts, followed in place
predict     the text of products that makefiles read half-way through a build
thinlto     distributed ThinLTO, exact to the object
tree        where sources and objects are

No file name, kernel version, architecture or compiler is known here; what is known is how kbuild
spells its intentions (`if_changed`, `filechk`, `FORCE`, `.cmd` files, `$(MAKE) $(build)=dir`).
"""
