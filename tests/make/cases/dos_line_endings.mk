# GNU make drops a carriage return before a newline.
X = 1
Y := a\
 b
$(info [$(X)] [$(Y)])
test:
