#T env: FROM=environment OTHER=environment GONE=environment
test: LATER = of-the-target
test: FROM = of-the-target
test: GONE = of-the-target
export LATER
LATER = global
unexport GONE
test:
	@echo "$$LATER $$FROM $$OTHER [$$GONE]"
	@$(MAKE) -f $(firstword $(MAKEFILE_LIST)) inner
inner:
	@echo "$$LATER $$FROM $$OTHER [$$GONE] $(LATER)"
