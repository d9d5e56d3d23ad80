N = v
$(info $(foreach $(N),a b,$(v)) $(foreach  w ,a b,$(w)))
test:
