#T goals: -
#T env: MAKEFILES=pre.mk
#T file: pre.mk
#| pre: ; echo pre
test: ; echo test
