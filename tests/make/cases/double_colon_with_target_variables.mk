test: A = x
test:: ; echo 1 $(A)
test:: ; echo 2 $(A)
