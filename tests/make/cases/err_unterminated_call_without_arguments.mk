$(realpath
test:
