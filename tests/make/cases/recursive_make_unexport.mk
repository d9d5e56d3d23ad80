#T env: E=env F=env
#T file: sub.mk
#| $(info [$(E)] [$(F)] [$(A)])
#| all: ;
unexport E
export A = 1
unexport A
undefine F
test:
	@$(MAKE) -f sub.mk
