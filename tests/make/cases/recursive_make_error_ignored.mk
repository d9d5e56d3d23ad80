#T file: sub.mk
#| all: nothing
test:
	-$(MAKE) -f sub.mk
	echo reached
