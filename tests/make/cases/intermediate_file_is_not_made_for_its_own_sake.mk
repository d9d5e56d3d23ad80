#T files: test a.y@-10
.INTERMEDIATE: mid
test: mid
	echo no
mid: a.y
	echo no
