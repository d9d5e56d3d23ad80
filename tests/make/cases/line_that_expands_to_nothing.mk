E =
$(E)
  $(E)  $(E)
$(if ,x)
test:
