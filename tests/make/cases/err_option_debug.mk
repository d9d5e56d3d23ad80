#T oracle: none (debugging output is left out)
#T expect-error: (-d) is not supported
#T returncode: 2
#T args: -d
test:
