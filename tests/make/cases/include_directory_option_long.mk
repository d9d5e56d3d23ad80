#T args: --include-dir=inc
#T files: "inc/a.mk=$(info a)"
include a.mk
$(info $(MAKEFLAGS))
test:
