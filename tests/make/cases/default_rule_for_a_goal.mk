#T goals: nowhere
.DEFAULT:
	echo default $@
test:
