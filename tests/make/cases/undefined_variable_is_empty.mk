$(info [$(NOPE)] [${NOPE}] [$N])
test:
