#T args: A=1 A+=2 A+=3
$(info $(A))
test:
