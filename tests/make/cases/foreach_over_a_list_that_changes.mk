L = a b
$(info $(foreach x,$(L),$(eval L += $(x))$(x)) | $(L))
test:
