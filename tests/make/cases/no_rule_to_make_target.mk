#T returncode: 2
#T goals: nothing
test:
