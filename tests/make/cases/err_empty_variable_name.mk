E =
$(E) = x
test:
