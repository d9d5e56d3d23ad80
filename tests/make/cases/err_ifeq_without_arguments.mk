ifeq
endif
test:
