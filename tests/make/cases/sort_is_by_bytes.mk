$(info $(sort é z a Z ~ - 10 9 A.b A-b A_b))
test:
