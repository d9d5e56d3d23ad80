cond = $(if $(filter y,$(1)),$(2),$(3))
$(info $(call cond,y,yes,no) $(call cond,n,yes,no) $(call cond,y,$(call cond,n,a,b),c))
test:
