#T files: "a b.c" a.c
$(info [$(wildcard a\ b.c)] [$(wildcard *\ *)] [$(wildcard \ a.c)])
test:
