ifeq ("a","a")
$(info 1)
endif
ifeq ("a",a)
$(info 2)
else
$(info 3)
endif
test:
