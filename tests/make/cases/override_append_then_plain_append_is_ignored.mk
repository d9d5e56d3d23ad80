override A = one
A += two
override A += three
$(info $(A))
test:
