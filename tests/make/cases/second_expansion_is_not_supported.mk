#T oracle: none (.SECONDEXPANSION is left out)
#T expect-error: .SECONDEXPANSION
#T returncode: 2
.SECONDEXPANSION:
test: $$(A)
A = a
