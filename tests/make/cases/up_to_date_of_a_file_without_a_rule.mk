#T files: a.c
#T goals: a.c
test:
