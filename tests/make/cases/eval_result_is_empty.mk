X := a$(eval Y = 1)b
$(info $(X) $(Y))
test:
