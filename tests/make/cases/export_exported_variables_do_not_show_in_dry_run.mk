export A = 1
B = 2
export B
unexport A
export
test:
	echo $$A $$B
