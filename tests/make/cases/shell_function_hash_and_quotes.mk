$(info [$(shell echo 'a#b' "c  d" e\\f)])
H := $(shell echo \#x)
$(info $(H))
test:
