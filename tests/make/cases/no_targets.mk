#T goals: -
#T returncode: 2
A = 1
