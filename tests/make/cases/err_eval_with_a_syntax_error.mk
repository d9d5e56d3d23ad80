$(info start)
$(eval some garbage)
test:
