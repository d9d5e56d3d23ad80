A = x
undefine A
$(info [$(A)] $(origin A) $(flavor A))
A ?= again
$(info $(A))
test:
