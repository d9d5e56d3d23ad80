#T env: E=1
#T file: sub.mk
#| $(info [$(A)] [$(B)] [$(E)])
#| all: ;
export
unexport
A = 1
export B = 2
test:
	@$(MAKE) -f sub.mk
