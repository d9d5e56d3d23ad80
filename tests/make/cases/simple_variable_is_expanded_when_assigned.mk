B = first
A := $(B)
B = second
$(info $(A))
test:
