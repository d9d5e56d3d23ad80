A = x   # a comment leaves the blanks before it
B := y   # here too
$(info [$(A)] [$(B)])
test:
