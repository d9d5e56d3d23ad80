#T args: -I inc -Iother
#T files: "inc/a.mk=$(info a $(MAKEFILE_LIST))" "other/b.mk=$(info b)"
include a.mk
include b.mk
test:
