A = $(B
$(info $(A))
test:
