#T files: "inc.mk=I = 3"
	A = 1
		B := 2
	ifdef A
	include inc.mk
	endif
	define D
d
	endef
endef
	unexport A
	vpath %.c src
	# a comment
	
$(info $(A) $(B) $(I) $(D))
test:
