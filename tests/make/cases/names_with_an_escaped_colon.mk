test: a\:b c\:d
	echo $^
a\:b:
	echo $@
c\:d: ; echo $@
