A = $(B)
B = $(C)
C = $(A)
test:
	echo $(A)
