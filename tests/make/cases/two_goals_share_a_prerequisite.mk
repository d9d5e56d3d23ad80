#T goals: a b
a b: c
	echo $@
c:
	echo $@ once
