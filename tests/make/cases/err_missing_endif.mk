ifdef A
$(info x)
test:
