test	:	a   b	
	echo $^
  a  :  ;  @echo indented rule
b:;@echo $@
