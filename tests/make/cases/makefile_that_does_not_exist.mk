#T args: -f nope.mk
#T returncode: 2
test:
