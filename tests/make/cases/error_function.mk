#T returncode: 2
A = $(error stopped here: $(B))
B = reason
$(info before)
$(info $(A))
$(info after)
test:
