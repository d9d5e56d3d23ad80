ifeq (a)
endif
test:
