ifeq (a \
 b,a b)
$(info 1)
endif
ifdef \
 CURDIR
$(info 2)
endif
test:
