# A last line that ends in a backslash continues into nothing: the backslash goes.
.PHONY: test
test: ; @echo [$(a)]
a := x \
