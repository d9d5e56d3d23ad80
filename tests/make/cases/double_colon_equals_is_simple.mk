B = first
A ::= $(B)
B = second
$(info $(A) $(flavor A))
test:
