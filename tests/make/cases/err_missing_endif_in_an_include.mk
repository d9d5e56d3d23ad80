#T file: inc.mk
#| ifdef A
include inc.mk
endif
test:
