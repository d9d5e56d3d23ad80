$(eval A := 1)
$(eval B = $$(A))
$(eval C = $(A))
A := 2
$(info $(A) $(B) $(C) [$(eval D = 4)] $(D))
test:
