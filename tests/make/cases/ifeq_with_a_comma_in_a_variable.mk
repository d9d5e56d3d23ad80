comma := ,
A = a,b
ifeq ($(A),a$(comma)b)
$(info same)
endif
ifeq ($(comma),$(comma))
$(info comma)
endif
test:
