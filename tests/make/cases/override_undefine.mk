#T args: A=1
override undefine A
$(info [$(A)] $(origin A))
A = 2
$(info [$(A)] $(origin A))
test:
