A = 1
test:
	echo first
ifdef A
	echo yes
else
	echo no
endif
ifdef B
	echo no
endif
	echo last
