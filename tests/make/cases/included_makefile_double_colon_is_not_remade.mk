#T files: a.mk=A=1
include a.mk
a.mk::
	echo 'A=2' > $@
test:
	echo $(A)
