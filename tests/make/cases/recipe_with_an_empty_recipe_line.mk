test:
	
test2: ; 
