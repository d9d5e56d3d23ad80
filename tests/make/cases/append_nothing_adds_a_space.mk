A = a
A +=
B := b
B +=
$(info [$(A)] [$(B)])
test:
