test: a
a:
