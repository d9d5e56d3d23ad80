#T returncode: 2
#T file: sub.mk
#| all: nothing
test:
	$(MAKE) -f sub.mk
	echo not reached
