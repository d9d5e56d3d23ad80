CURDIR = elsewhere
$(info $(CURDIR))
test:
