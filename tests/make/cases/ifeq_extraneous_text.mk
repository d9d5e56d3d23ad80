ifeq (a,a) trailing
$(info 1)
endif
ifeq "a" "a" trailing
$(info 2)
endif
ifdef CURDIR
else trailing
endif trailing
test:
