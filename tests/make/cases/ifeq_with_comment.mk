ifeq (a,a) # comment
$(info 1)
else # comment
$(info 2)
endif # comment
ifdef E # comment
endif #
test:
