N = A
A = 1
ifdef $(N)
$(info 1)
endif
ifdef $(N)X
$(info 2)
endif
ifdef $(NOPE)
$(info 3)
else
$(info 4)
endif
test:
