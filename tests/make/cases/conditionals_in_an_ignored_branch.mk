ifdef NOPE
ifeq (a,a)
$(info no)
else
$(info no)
endif
else
ifeq (a,a)
$(info yes)
else
$(info no)
endif
endif
test:
