ifeq a,b
endif
test:
