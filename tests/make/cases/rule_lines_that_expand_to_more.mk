#T goals: test1; test2; test3; test4; test5; test6; test7; test8
# A colon, a semicolon, a bar, a pattern or `./` may come out of a variable, before or after the
# colon that is written.
TARGETS = test1 test2
STATIC = %3: %.src
RECIPE = a ; @echo four $<
DOTS = ./test5
BAR = b | a
WORD = test7 &
$(TARGETS): a
	@echo $@ $<
test3: $(STATIC)
	@echo $@ $< $*
test4: $(RECIPE)
	@echo and more
$(DOTS): ./a .//b
	@echo five $^
test6: $(BAR)
	@echo six $^ $|
$(WORD): $(wildcard *.nothing) a
	@echo seven $@
test8: ./a .//b
	@echo eight $^
%.src:
	@echo source $@
a b:
	@echo made $@
