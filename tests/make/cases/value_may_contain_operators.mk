A = b := c = d ?= e
B := x:y=z
$(info [$(A)] [$(B)])
test:
