#T returncode: 2
test: a
a: b
b: ../c
