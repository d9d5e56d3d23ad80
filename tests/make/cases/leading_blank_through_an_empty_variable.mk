empty :=
space := $(empty) $(empty)
A = $(empty)  two
$(info [$(space)] [$(A)])
test:
