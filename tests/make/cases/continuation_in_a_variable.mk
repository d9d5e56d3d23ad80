A = one \
    two\
three   \
	four
B := x\
$(A)
$(info [$(A)] [$(B)])
test:
