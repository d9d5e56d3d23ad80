#T args: C=cmd
export A := 1
export B = $(A)
export C ?= 3
export D += 4
$(info $(A) $(B) $(C) $(D) $(flavor B))
test:
