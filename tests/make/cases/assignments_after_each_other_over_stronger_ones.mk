# Runs of assignments that need nothing expanded, each with one kind of what a makefile may not set.
#T args: SET=command
#T goals: test; test -e
#T env: FROM=environment
export SHARED
override KEPT = kept
private OWN = own
show = $(foreach v,$1,[$v $(origin $v) $(flavor $v) $($v)])
$(info plain)
PLAIN = $(LATER)
LATER := later
LATER = last
OTHER := $(info not yet)one
OTHER := two
OTHER ::= three
$(info $(call show,PLAIN LATER OTHER))
$(info exported)
SHARED = one
LAST := 1
$(info $(call show,SHARED LAST))
$(info overridden)
KEPT = lost
LAST := 2
$(info $(call show,KEPT LAST))
$(info private)
OWN := still
LAST := 3
$(info $(call show,OWN LAST))
$(info of the command line)
SET = lost
LAST := 4
$(info $(call show,SET LAST))
$(info of the environment)
FROM = makefile
LAST := 5
$(info $(call show,FROM LAST))
$(info a default of make)
CC := mine
LAST := 6
$(info $(call show,CC LAST))
$(info of target and open rule)
test: PLAIN = of a target
test:
	@echo "$$SHARED $$FROM $$LAST $$CC"; echo '[$(OWN)] $(PLAIN)'
LAST := 7
OWN := 8
