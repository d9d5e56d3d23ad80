test:
	echo a

	
	   
	echo b
