SHELL = /bin/bash
.SHELLFLAGS = -e -c
$(info $(shell false; echo reached) $(.SHELLSTATUS))
test:
