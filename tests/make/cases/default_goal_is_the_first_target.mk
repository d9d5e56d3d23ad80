$(info [$(.DEFAULT_GOAL)])
.hidden:
	echo hidden
%.o: ; echo no
test:
	echo test
second:
	echo second
$(info [$(.DEFAULT_GOAL)])
