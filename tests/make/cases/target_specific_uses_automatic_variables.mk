test: OUT = $@.out $(<F)
test: sub/a
	echo $(OUT)
sub/a:
