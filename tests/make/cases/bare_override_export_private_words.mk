override A := 1
override private B = 2
private override C = 3
export override D = 4
override export E += 5
$(info $(A) $(B) $(C) $(D) $(E) $(origin A) $(origin B) $(origin D))
test:
