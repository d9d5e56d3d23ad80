L = a.c b.h c.c d/e.c
$(info $(sort $(patsubst %.c,%.o,$(filter %.c,$(notdir $(L))))) $(words $(filter-out $(filter %.h,$(L)),$(L))))
test:
