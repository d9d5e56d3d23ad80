#T oracle: none (GNU make 4.3 has no intcmp; ninjagen evaluates it)
#T expect: [y]
#T expect: :
ifeq ($(intcmp 1,0,,,y),y)
$(info [y])
else
$(info [n])
endif
test:
	@:
