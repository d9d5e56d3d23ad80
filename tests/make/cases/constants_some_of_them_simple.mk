# A makefile of plain assignments alone, simple ones among them, over what is stronger, or marked.
#T goals: test; test -e
#T file: some.mk
#| C0 = r0
#| C1 := s1 # no part of it
#| C2 = r2
#| C3 := s3 # no part of it
#| C4 = r4
#| C5 := s5 # no part of it
#| C6 = r6
#| C7 := s7 # no part of it
#| C8 = r8
#| C9 := s9 # no part of it
#| C10 = r10
#| C11 := s11 # no part of it
#| C12 = r12
#| C13 := s13 # no part of it
#| C14 = r14
#| C15 := s15 # no part of it
#| C16 = r16
#| C17 := a\
#|   b
#| C18 := with a \# in it
#| MAKELEVEL := 7
#| SENT := sent
export SENT
C4 = before
include some.mk
show = $(foreach v,$1,[$v $(origin $v) $(flavor $v) $($v)])
$(info $(call show,C0 C1 C2 C3 C4 C16 C17 C18 SENT))
$(info $(MAKELEVEL))
C2 += more $(C0)
C5 += more $(C0)
C0 = changed
$(info $(C2) $(C5))
test:
	@echo "$$SENT"
