#T oracle: none (the data base has a form of its own)
#T expect-error: (-p) is not supported
#T returncode: 2
#T args: -p
test:
