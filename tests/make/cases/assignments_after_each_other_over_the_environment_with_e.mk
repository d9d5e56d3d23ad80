#T args: -e SET=command MORE=line
#T env: FROM=environment
export SHARED
override KEPT = kept
private OWN = own
$(info [$(flavor SHARED)] [$(SHARED)])
SHARED = one
SHARED := two
KEPT = lost
OWN := still
SET = lost
MORE := lost
FROM = makefile
PLAIN = $(LATER)
LATER := later
LATER = last
$(info [$(SHARED)] [$(KEPT)] [$(OWN)] [$(SET)] [$(MORE)] [$(FROM)] [$(PLAIN)])
$(info [$(foreach v,SHARED KEPT OWN SET FROM PLAIN LATER,$(origin $v) $(flavor $v))])
test:
	@echo "$$SHARED $$SET $$FROM"; echo '[$(OWN)]'
