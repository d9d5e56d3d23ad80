# a comment \
A = still the comment
B = 1
$(info [$(A)] [$(B)])
test:
