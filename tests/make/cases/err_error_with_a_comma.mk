$(error a, b  ,c)
test:
