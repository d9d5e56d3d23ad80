A =   x  y  
ifeq ($(strip $(A)),x y)
$(info same)
endif
test:
