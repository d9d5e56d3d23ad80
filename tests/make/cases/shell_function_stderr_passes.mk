$(info [$(shell echo out; echo err >&2)])
test:
