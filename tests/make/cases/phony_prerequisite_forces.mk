#T files: test a@-10
.PHONY: a
test: a
	echo remade $?
