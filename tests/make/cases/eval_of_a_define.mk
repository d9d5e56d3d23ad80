define outer
define inner
text $(1)
endef
endef
$(eval $(call outer,x))
$(info [$(inner)])
test:
