#T files: test a.y@-10
.SECONDARY: mid
test: mid
	echo no
mid: a.y
	echo no
