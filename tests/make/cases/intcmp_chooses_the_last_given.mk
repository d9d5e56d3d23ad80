#T oracle: none (GNU make >= 4.4)
#T expect: [gt] [ge] []
#T expect: :
$(info [$(intcmp 2,1,lt,eq,gt)] [$(intcmp 2,1,lt,ge)] [$(intcmp 2,1,lt)])
test:
	@:
