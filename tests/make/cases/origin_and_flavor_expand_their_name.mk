N = A
A := 1
$(info $(origin $(N)) $(flavor $(N)) $(origin  A))
test:
