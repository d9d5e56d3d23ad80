define T
A = 1
nonsense here
endef

$(eval $(T))
test:
