#T file: sub.mk
#| $(info [$(a-b)] [$(c.d)] [$(e_f)])
#| all: ;
export
a-b = 1
c.d = 2
e_f = 3
export a-b
test:
	@$(MAKE) -f sub.mk
