#T oracle: none (GNU make >= 4.4)
#T expect: [] [5] []
#T expect: [lt] [eq] [gt] [] [e] [e]
#T expect: [lt] [gt] [eq]
#T expect: :
$(info [$(intcmp 1,2)] [$(intcmp 5,5)] [$(intcmp 2,1)])
$(info [$(intcmp 1,2,lt,eq,gt)] [$(intcmp 2,2,lt,eq,gt)] [$(intcmp 3,2,lt,eq,gt)] [$(intcmp 2,2,lt)] [$(intcmp 2,2,lt,e)] [$(intcmp 3,2,lt,e)])
$(info [$(intcmp -1,0,lt,eq,gt)] [$(intcmp 99999999999999999999,1,lt,eq,gt)] [$(intcmp  007 , 7,lt,eq,gt)])
test:
	@:
