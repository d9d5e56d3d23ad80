a b &: c
c:
test: a
