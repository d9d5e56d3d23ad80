#T returncode: 2
A = B = 1
$(A)
test:
