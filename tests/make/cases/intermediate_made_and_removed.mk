#T files: a.y
.INTERMEDIATE: mid
test: mid
	echo test
mid: a.y
	echo mid
