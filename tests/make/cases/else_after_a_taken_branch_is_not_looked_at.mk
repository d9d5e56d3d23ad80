A = 1
ifdef A
else ifeq
endif
test:
