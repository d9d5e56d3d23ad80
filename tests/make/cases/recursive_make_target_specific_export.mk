#T file: sub.mk
#| $(info [$(A)] [$(B)])
#| all: ;
test: export A = 1
test: B = 2
test: leaf
leaf:
	@$(MAKE) -f sub.mk
