A = some text
$(A)
test:
