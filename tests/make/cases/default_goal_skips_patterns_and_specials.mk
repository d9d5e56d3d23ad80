#T goals: -
%.o: %.c ; echo no
.PHONY: p
.c.o: ; echo no
real p:
	echo $@
