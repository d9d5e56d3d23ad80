-include *.nothing
$(info ok)
test:
