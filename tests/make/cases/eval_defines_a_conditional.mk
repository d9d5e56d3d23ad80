define cond
ifeq ($(1),y)
R := yes
else
R := no
endif
endef
$(eval $(call cond,y))
$(info $(R))
$(eval $(call cond,n))
$(info $(R))
test:
