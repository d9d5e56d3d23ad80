A := abc
$(info $(words $(A)) $(strip $(A)) $(firstword $(A)))
test:
