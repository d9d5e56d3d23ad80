A = one\\
B = two \\\
three
$(info [$(A)] [$(B)])
test:
