#T files: a.c
#T goals: x.c b
%::
	echo last resort for $@
%.o: %.c
	echo $@
