#T files: gen.mk@-10=G=old gen.in
include gen.mk
$(info $(G))
gen.mk: gen.in
	@echo 'G = new' > $@
test:
	echo $(G)
