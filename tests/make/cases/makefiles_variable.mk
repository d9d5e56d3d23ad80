#T env: "MAKEFILES=pre.mk nope.mk"
#T files: "pre.mk=P = pre"
$(info $(P) [$(MAKEFILE_LIST)])
test:
