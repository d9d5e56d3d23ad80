$(info [$(notdir src/foo.c hacks x/ / /a ./b a/b/c. .)] [$(notdir )])
test:
