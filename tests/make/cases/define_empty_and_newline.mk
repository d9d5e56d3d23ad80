# kbuild's `newline`: two empty lines make one newline.
define newline


endef
define empty
endef
$(info [$(newline)] [$(empty)] $(words $(newline)) $(origin empty))
test:
