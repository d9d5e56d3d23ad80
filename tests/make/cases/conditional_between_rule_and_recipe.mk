A=1
test:
ifdef A
	echo yes
endif
	echo always
