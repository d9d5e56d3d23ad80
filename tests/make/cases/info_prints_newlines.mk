define nl


endef
$(info a$(nl)b)
test:
