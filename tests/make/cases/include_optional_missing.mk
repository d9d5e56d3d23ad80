-include nofile.mk
sinclude nofile2.mk
-include no*.mk
$(info on)
test:
