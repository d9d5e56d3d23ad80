T = test
N = A
$(T) x: $(N) = 1
test:
	echo $(A)
