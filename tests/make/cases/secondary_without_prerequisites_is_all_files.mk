# Every file that the makefiles mention may then be missing while what needs it is up to date.
#T files: test src@-10
.SECONDARY:
test: mid
	echo no
mid: src
	echo no
test2: mid
	echo $@ $^
