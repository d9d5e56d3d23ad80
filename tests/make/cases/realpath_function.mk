#T files: a.c sub/b.c
$(info [$(realpath a.c sub/../a.c nope sub/b.c)] [$(realpath .)] [$(realpath sub/.. ./sub//b.c)] [$(realpath )])
test:
