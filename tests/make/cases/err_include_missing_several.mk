include one.mk two.mk
$(info still read)
test:
