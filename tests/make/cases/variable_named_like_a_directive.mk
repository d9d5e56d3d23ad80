# `export`, `define` and friends are only directives when no operator follows.
export = 1
include := 2
ifeq = 3
define += 4
endef = 5
override = 6
else ?= 7
vpath = 8
undefine = 9
unexport = 10
private = 11
$(info $(export) $(include) $(ifeq) $(define) $(endef) $(override) $(else) $(vpath) $(undefine) $(unexport) $(private))
test:
