#T oracle: none (GNU make >= 4.4)
#T expect: ok
#T expect: :
$(info $(intcmp 1,2,ok,$(error eq),$(error gt)))
test:
	@:
