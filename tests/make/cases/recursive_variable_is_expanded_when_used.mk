A = $(B)
B = first
$(info $(A))
B = second
$(info $(A))
test:
