$(info [$(dir src/foo.c hacks x/ / /a ./b ../c a/b/c. .)] [$(dir )])
test:
