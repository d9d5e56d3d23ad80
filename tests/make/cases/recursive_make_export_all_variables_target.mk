#T file: sub.mk
#| $(info $(A) [$(B)])
#| all: ;
.EXPORT_ALL_VARIABLES:
A = 1
unexport B
B = 2
test:
	@$(MAKE) -f sub.mk
