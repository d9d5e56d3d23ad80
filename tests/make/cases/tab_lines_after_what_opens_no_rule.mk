# What a line with a tab is depends on what the line before it has come to, once expanded.
NONE =
VARIABLE = test1 : V
test1: V = 1
	W = no recipe
	X := $(W), either
$(VARIABLE) += 2
	Y = nor this
	ifdef Y
	Z = found
	endif
test1:
	@echo $(V) $(W) $(X) $(Y) $(Z)
$(NONE): a b
	these are dropped
	$(info nobody says this)
	test3: a
test2:
	@echo $(V) 2
$(NONE):
ifdef NONE
else
	dropped, too
endif
test3: ; @echo 3
