#T goals: -
a:
$(info $(.DEFAULT_GOAL))
.DEFAULT_GOAL = c
b:
$(info $(.DEFAULT_GOAL))
test c:
	echo $@
