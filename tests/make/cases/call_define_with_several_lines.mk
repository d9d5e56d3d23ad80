define body
first $(1)
second $(2)
endef
$(info $(call body,a,b))
test:
