#T files: a.c b.c c.c
$(info [$(wildcard {a,b}.c)] [$(wildcard [!a].c)] [$(wildcard [a-b].c)] [$(wildcard a\.c)] [$(wildcard [z].c)])
test:
