inner = $(1)$(2)$(3)
outer = $(call inner,x) $(1)$(2)$(3)
$(info $(call outer,1,2,3) [$(1)])
test:
