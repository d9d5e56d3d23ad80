# A mistake in a recursive variable is found when it is used, and told where it was defined.
#T returncode: 2
A = $(word x,$(B))

B = 1
$(info $(A))
test:
