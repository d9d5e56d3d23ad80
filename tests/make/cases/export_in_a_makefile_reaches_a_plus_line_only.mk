export A = $(B)
B = one
test:
	+@echo $$A
B = two
