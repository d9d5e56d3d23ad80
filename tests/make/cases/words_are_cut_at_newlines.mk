define text
  a
b	c

d
endef
$(info $(words $(text)) $(word 3,$(text)) $(strip $(text)) $(firstword $(text)) [$(filter c d,$(text))] [$(sort $(text))])
test:
