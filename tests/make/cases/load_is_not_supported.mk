#T oracle: none (the load directive needs a shared object of GNU make's)
#T expect-error: case.mk:4
#T returncode: 2
load foo.so
test:
