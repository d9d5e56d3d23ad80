#T returncode: 2
A = $(B)

B = $(words $(C)) $(filter x)

$(info $(A))
test:
