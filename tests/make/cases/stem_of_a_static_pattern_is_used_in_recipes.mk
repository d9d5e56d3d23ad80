test: prefix-x.suffix
prefix-x.suffix: prefix-%.suffix: %-a %-b
	echo $* $^ $(*F)
x-a x-b:
