#T env: E=1
#T args: C=1 S:=2
A = 1
B := 1
$(info $(flavor A) $(flavor B) $(flavor NOPE) $(flavor E) $(flavor C) $(flavor S))
$(info $(flavor CURDIR) $(flavor MAKE) $(flavor SHELL) $(flavor MAKEFILE_LIST) $(flavor @))
test:
	echo $(flavor @) $(flavor MAKECMDGOALS)
