#T file: sub/inc.mk
#| $(info in: $(lastword $(MAKEFILE_LIST)))
$(info [$(MAKEFILE_LIST)])
include sub/inc.mk
$(info [$(MAKEFILE_LIST)] $(lastword $(MAKEFILE_LIST)))
test:
