$(info x) $(B
test:
