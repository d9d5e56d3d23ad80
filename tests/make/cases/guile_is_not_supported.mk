#T oracle: none (only a GNU make built with Guile has it)
#T expect-error: guile
#T returncode: 2
$(info $(guile (display 1)))
test:
