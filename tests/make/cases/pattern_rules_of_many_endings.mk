# Rules are told apart by the last character first: of one that several, one or no rule ends with.
#T files: x.b x.bb q.c z
test1: x.a ; @echo 1
test2: x.aa ; @echo 2
test3: qa ; @echo 3
test4: z.whole ; @echo 4
%.a: %.b
	@echo from b: $@
%a: %.c
	@echo from c: $@
%.aa: %.bb
	@echo from bb: $@
z.%: z
	@echo anything: $@
%.a: %.b
	@echo again: $@
%.aa: %.none
	@echo from none: $@
