ifeq ($(eval Z = 2)$(Z),2)
$(info yes)
endif
test:
