#T file: sub.mk
#| $(info [$(A)] [$(B)] [$(C)])
#| all: ;
L = A B
export $(L)
A = 1
B = 2
C = 3
test:
	@$(MAKE) -f sub.mk
