test: OUT := [$@]
test:
	echo $(OUT)
