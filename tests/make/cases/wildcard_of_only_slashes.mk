$(info [$(wildcard //)] [$(wildcard /)])
test:
