A = x
ifeq ($(A),x)
$(info 1)
endif
ifeq "$(A)" "x"
$(info 2)
endif
ifeq '$(A)' 'x'
$(info 3)
endif
ifeq "$(A)" 'x'
$(info 4)
endif
ifeq '$(A)' "x"
$(info 5)
endif
ifneq ($(A),y)
$(info 6)
endif
ifneq "$(A)" "x"
$(info no)
else
$(info 7)
endif
test:
