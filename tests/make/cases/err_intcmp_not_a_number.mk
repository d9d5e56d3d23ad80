#T oracle: none (GNU make >= 4.4)
#T expect-error: case.mk:4: *** non-numeric first argument to 'intcmp' function: 'a'.  Stop.
#T returncode: 2
$(info $(intcmp a,1))
test:
