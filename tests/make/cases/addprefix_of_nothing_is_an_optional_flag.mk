# kbuild writes flags that may be absent this way.
V =
W = script
$(info [ld $(addprefix -T , $(V)) x] [ld $(addprefix -T , $(W)) x])
test:
