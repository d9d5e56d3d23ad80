$(eval $$(eval A := 1))
$(info $(A))
test:
