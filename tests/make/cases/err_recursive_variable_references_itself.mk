A = $(A) x
$(info $(A))
test:
