A   =   value with   inner  blanks  
	B:=tabbed
C=$(A)
$(info [$(A)] [$(B)] [$(C)])
test:
