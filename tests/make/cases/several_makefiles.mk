#T args: -f two.mk
#T files: "two.mk=$(info two $(MAKEFILE_LIST))"
$(info one $(MAKEFILE_LIST))
test:
