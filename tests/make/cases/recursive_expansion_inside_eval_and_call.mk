V = $(call F,$(1))
F = <$(1)>
$(eval R := $(call V,x))
$(info $(R))
test:
