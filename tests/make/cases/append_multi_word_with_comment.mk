A := a
A += b c # comment
A += d \
 e
$(info [$(A)])
test:
