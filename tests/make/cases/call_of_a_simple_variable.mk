f := fixed $(1)
$(info [$(call f,x)])
test:
