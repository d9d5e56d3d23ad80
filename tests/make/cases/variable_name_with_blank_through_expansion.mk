# A name may contain a blank only if an expansion brought it.
S = a b
$(S) = x
$(info [$(a b)])
test:
