# A tab makes a recipe line only while a rule is open; kbuild's architecture makefiles indent with it.
A = 1
ifdef A
	B = 2
	ifeq ($(B),2)
		C := 3
		export D = 4
	else
		C := no
	endif
endif
$(info $(B) $(C) $(D))
test:
