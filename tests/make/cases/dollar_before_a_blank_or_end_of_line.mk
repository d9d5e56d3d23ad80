A = x$
B = a$ b
$(info [$(A)] [$(B)])
test:
