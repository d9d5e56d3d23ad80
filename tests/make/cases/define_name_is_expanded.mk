N = name
define $(N)-x
text
endef
$(info $(name-x))
test:
