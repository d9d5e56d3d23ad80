#T goals: -
.DEFAULT_GOAL := a b
a b:
	echo $@
