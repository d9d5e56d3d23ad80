# That of $(error) and $(warning) is where the reading is.
#T returncode: 2
A = $(warning here)$(error stop)

B = $(A)

$(info $(B))
test:
