include nofile.mk
test:
