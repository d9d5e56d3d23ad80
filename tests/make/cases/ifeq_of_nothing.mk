ifeq (,)
$(info 1)
endif
ifeq ($(E),)
$(info 2)
endif
ifeq (,$(E))
$(info 3)
endif
ifneq (,x)
$(info 4)
endif
ifeq '' ""
$(info 5)
endif
test:
