#T files: "a.mk=	echo from a"
test:
	echo one
include a.mk
