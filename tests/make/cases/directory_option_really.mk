#T args: -C sub --no-print-directory
#T file: sub/case.mk
#| $(info $(notdir $(CURDIR)) [$(MAKEFLAGS)])
#| test: x.c ; echo $^
#T files: sub/x.c
test:
