#T files: gen.sh
#T goals: obj/x.c
obj/%.c: gen.sh FORCE
	echo $< $@ $*
FORCE:
.PHONY: FORCE
