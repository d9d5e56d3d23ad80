empty :=
tab := $(empty)	$(empty)
$(info [$(strip   a   b  )] [$(strip $(tab)a$(tab) b$(tab))] [$(strip )] [$(strip a,b, c)])
test:
