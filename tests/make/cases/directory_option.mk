#T args: -C sub
#T files: "sub/case.mk=$(info $(CURDIR))"
#T goals: -
#T returncode: 2
test:
