#T args: A=cmd B=cmd C=cmd
test: A = no
test: override B = yes
test: override C += yes
test: leaf
	echo $(A) $(B) $(C)
leaf:
	echo $(A) $(B) $(C)
