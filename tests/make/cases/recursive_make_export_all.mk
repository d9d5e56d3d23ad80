#T file: sub.mk
#| $(info $(A) [$(B)] [$(C-d)])
#| all: ;
export
A = 1
B = 2
C-d = 3
unexport B
test:
	@$(MAKE) -f sub.mk
