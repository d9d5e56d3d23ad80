#T oracle: none (touching is left out)
#T expect-error: (-t) is not supported
#T returncode: 2
#T args: -t
test:
