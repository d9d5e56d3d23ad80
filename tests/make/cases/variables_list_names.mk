A = 1
B_x := 2
undefine A
$(info $(filter A B_x CURDIR MAKEFILE_LIST SHELL,$(sort $(.VARIABLES))))
test:
